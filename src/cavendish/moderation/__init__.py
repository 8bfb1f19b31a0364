"""The operator's say before and after a picture is made. One module per way to judge."""
