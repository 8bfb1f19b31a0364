-- What is delivered in place of the engine's own bytes; null: those. The code before this one delivers those.
ALTER TABLE cavendish.generations
    ADD COLUMN output_width smallint CHECK (output_width > 0),
    ADD COLUMN output_height smallint CHECK (output_height > 0),
    ADD COLUMN output_type text CHECK (output_type IN ('image/png', 'image/jpeg', 'image/webp')),
    ADD COLUMN output_quality smallint CHECK (output_quality BETWEEN 1 AND 100),
    ADD CONSTRAINT generations_output_size CHECK ((output_width IS NULL) = (output_height IS NULL));
