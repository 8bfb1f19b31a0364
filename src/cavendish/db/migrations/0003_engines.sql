-- What engines found on the web for a generation, and when an engine with a rate may be called next.

ALTER TABLE cavendish.generations ADD COLUMN grounding jsonb;  -- {"queries": […], "sources": […], "renderedContent": …}

ALTER TABLE cavendish.engines ADD COLUMN free_at timestamptz NOT NULL DEFAULT '-infinity';  -- of its next call
