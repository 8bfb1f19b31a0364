"""Pictures of no subject, for prompts that name none."""
