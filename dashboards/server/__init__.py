"""The server and the page that it serves. Imports every other room."""
