"""The page as a web server: its addresses, who may ask, and how it is started."""
