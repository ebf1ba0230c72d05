-- The answer already given under a key, waiting for a twin that is still being decided: looked up after the lock is held.
CREATE FUNCTION event_log_answered(key text) RETURNS TABLE (body json, asked bytea) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('key:' || key, 0));
    RETURN QUERY SELECT l.body, l.asked FROM event_log AS l WHERE l.idempotency_key = key;
END $$;
