-- What a worker's engines can, by name; null: it said nothing. The code before this one never writes it.
ALTER TABLE cavendish.workers ADD COLUMN engines jsonb;
