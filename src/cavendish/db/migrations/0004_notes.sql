-- What an engine that reads words by itself understood of a prompt.

ALTER TABLE cavendish.generations ADD COLUMN notes jsonb;  -- {"understood": […], "ignored": […]}
