-- Pictures that were ordered by one call: what they have in common, and which of them this one is, from 0.
ALTER TABLE cavendish.generations
    ADD COLUMN batch_id uuid,
    ADD COLUMN batch_index smallint,
    ADD CONSTRAINT generations_batch CHECK ((batch_id IS NULL) = (batch_index IS NULL));
-- Only calls for several have an entry here.
CREATE UNIQUE INDEX generations_by_batch ON cavendish.generations (batch_id, batch_index) WHERE batch_id IS NOT NULL;
