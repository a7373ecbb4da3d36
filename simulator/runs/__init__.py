"""Running scenarios through futures; results, comparisons and what is kept of them."""
