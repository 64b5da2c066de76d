"""Commands that write what a city is and what is known of it into its folder."""
