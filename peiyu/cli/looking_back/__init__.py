"""Commands that look back: how good forecasts were, why one changed, whether a fit or a number holds."""
