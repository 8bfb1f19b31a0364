"""HTTP: dialects, native REST, pictures, health. Meets the workers only in the database."""
