"""Parts of pages: levers, toolbar, header, charts that move, colours."""
