-- The mark that is drawn on the picture; null: none. The code before this one draws none.
ALTER TABLE cavendish.generations
    ADD COLUMN label text CHECK (label IN ('ai'));
