-- No index names `state`: so a claim is an update in place.
DROP INDEX cavendish.generations_open;
CREATE INDEX generations_open ON cavendish.generations (deadline_at) WHERE finished_at IS NULL;
DROP INDEX cavendish.generations_failed;
CREATE INDEX generations_failed ON cavendish.generations (finished_at) WHERE error_code IS NOT NULL;
