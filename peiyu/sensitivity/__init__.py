"""What a forecast is sensitive to."""
