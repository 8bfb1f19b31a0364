"""Facts from a web search for engines that do not search themselves. One module per search service."""
