"""Commands about cities themselves: their folders, what is known of them, and several side by side."""
