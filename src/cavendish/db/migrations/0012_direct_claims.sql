-- The generation is its own job: workers claim it here, by `ready_at`. A constant default alters no row. Both tables are
-- locked first, in the order in which a submission writes them, so that workers of the release before wait and none
-- takes a job in between; but not for long behind somebody else, for everybody waits behind this.
SET LOCAL lock_timeout = '5s';
LOCK TABLE cavendish.generations, cavendish.pgqueuer IN ACCESS EXCLUSIVE MODE;
ALTER TABLE cavendish.generations
    ADD COLUMN ready_at timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN leased boolean NOT NULL DEFAULT false;

-- No index names `state`, `ready_at` or `leased`: so a claim, a lease and progress are updates in place.
CREATE INDEX generations_queue ON cavendish.generations (engine, virtual_tag, id) WHERE finished_at IS NULL;
DROP INDEX cavendish.generations_open;
CREATE INDEX generations_open ON cavendish.generations (deadline_at) WHERE finished_at IS NULL;
DROP INDEX cavendish.generations_failed;
CREATE INDEX generations_failed ON cavendish.generations (finished_at) WHERE error_code IS NOT NULL;

-- As pgqueuer had it: each claim and lease leaves a dead row, and there may be many millions of living ones.
ALTER TABLE cavendish.generations SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- What those workers have in their hands, and what they have put off: from now, and not from when this file was sent.
UPDATE cavendish.generations g SET leased = true,
    ready_at = cavendish.cavendish_now() + (clock_timestamp() - statement_timestamp()) + interval '5 seconds'
FROM cavendish.pgqueuer q
WHERE q.status = 'picked' AND g.id = encode(q.payload, 'hex')::uuid AND g.finished_at IS NULL;
UPDATE cavendish.generations g SET leased = false, ready_at = cavendish.cavendish_now() + (q.execute_after - now())
FROM cavendish.pgqueuer q
WHERE q.status = 'queued' AND q.execute_after > now() AND g.id = encode(q.payload, 'hex')::uuid
  AND g.finished_at IS NULL;

-- For as long as workers of the release before run beside new ones: what they take from pgqueuer is leased here too, and
-- what is leased here they do not get. The release after this one drops the triggers and the three tables.
CREATE FUNCTION cavendish.fn_pgqueuer_leases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The same manager once more is its heartbeat; another one takes a dead one's job, and that may be leased by now.
    UPDATE cavendish.generations SET leased = true, ready_at = cavendish.cavendish_now() + interval '5 seconds'
    WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL
      AND (leased AND OLD.status = 'picked' AND OLD.queue_manager_id IS NOT DISTINCT FROM NEW.queue_manager_id
           OR ready_at <= cavendish.cavendish_now());
    IF FOUND OR NOT EXISTS (
        SELECT FROM cavendish.generations WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL)
    THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tg_pgqueuer_leases BEFORE UPDATE ON cavendish.pgqueuer
    FOR EACH ROW WHEN (NEW.status = 'picked') EXECUTE FUNCTION cavendish.fn_pgqueuer_leases();

-- A further try has a key of its own, with the number of the claim before it.
CREATE FUNCTION cavendish.fn_pgqueuer_tries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cavendish.generations SET leased = false,
        ready_at = cavendish.cavendish_now() + (NEW.execute_after - now()), touched_at = cavendish.cavendish_now()
    WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tg_pgqueuer_tries AFTER INSERT ON cavendish.pgqueuer
    FOR EACH ROW WHEN (strpos(NEW.dedupe_key, '/') > 0) EXECUTE FUNCTION cavendish.fn_pgqueuer_tries();
