-- The console lists everyone's newest and counts what failed lately. Apart from what alters the table: while an index is
-- built, reads go on.
CREATE INDEX generations_newest ON cavendish.generations (created_at DESC, id DESC);
CREATE INDEX generations_failed ON cavendish.generations (finished_at) WHERE state = 'failed';
