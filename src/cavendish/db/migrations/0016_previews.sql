-- How many unfinished pictures the order wants shown; null: none. The code before this one shows none.
ALTER TABLE cavendish.generations ADD COLUMN previews smallint CHECK (previews BETWEEN 1 AND 3);

-- They are worth nothing once the picture is there: what a crash empties is no loss, and a write waits for no disk.
-- Without a foreign key, which would lock the generation that a worker is about to settle.
CREATE UNLOGGED TABLE cavendish.previews (
    generation_id uuid NOT NULL,
    number        smallint NOT NULL CHECK (number BETWEEN 0 AND 2),
    fence         integer NOT NULL,
    media_type    text NOT NULL,
    width         smallint NOT NULL,
    height        smallint NOT NULL,
    image         bytea NOT NULL CHECK (length(image) <= 131072),
    made_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    PRIMARY KEY (generation_id, number)
);
