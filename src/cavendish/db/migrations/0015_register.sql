-- What was delivered, to be found again by its bytes, by the mark in its pixels or by its looks. No prompt, and no account:
-- those are the generation's, as long as there is one.
CREATE TABLE cavendish.register (
    generation_id uuid PRIMARY KEY,
    made_at       timestamptz NOT NULL,
    model         text NOT NULL,
    engine        text NOT NULL,
    engine_model  text NOT NULL,
    sha256        bytea NOT NULL,
    watermark     bigint,
    fingerprint   bigint
);
CREATE INDEX register_by_sha256 ON cavendish.register (sha256);
CREATE INDEX register_by_watermark ON cavendish.register (watermark) WHERE watermark IS NOT NULL;
-- Two fingerprints that differ in up to three bits have one of four bands in common.
CREATE INDEX register_by_band_0 ON cavendish.register (((fingerprint >> 48) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_1 ON cavendish.register (((fingerprint >> 32) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_2 ON cavendish.register (((fingerprint >> 16) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_3 ON cavendish.register ((fingerprint & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_age ON cavendish.register USING brin (made_at) WITH (pages_per_range = 16);

-- What hides watermarks: the newest is used, the others are looked for too.
CREATE TABLE cavendish.watermark_keys (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     bytea NOT NULL CHECK (length(key) = 32),
    made_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now()
);

-- What an uploaded picture said of itself (C2PA), for what is made of it: a label, and two archives; null: nothing.
ALTER TABLE cavendish.uploads ADD COLUMN credentials bytea[];
