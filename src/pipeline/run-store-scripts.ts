/** Scripts that Redis runs atomically. Keys: see `run-store.ts`. */

/**
 * KEYS run, runs, open, active · ARGV runId, json, requestedAtMs, run key prefix, final states (comma-separated).
 * Returns the id of the active run when there is one, else writes the new run and returns false.
 */
export const createScript = `
local active = redis.call('GET', KEYS[4])
if active then
  local json = redis.call('HGET', ARGV[4] .. active, 'json')
  if json then
    local state = cjson.decode(json).state
    if not string.find(ARGV[5], ',' .. state .. ',', 1, true) then return active end
  end
end
redis.call('HSET', KEYS[1], 'version', 1, 'json', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('SET', KEYS[4], ARGV[1])
return false
`;

/**
 * KEYS run, open, active, submitting · ARGV expected version, json, runId, isFinal, isSettled, isSubmitting.
 * Writes only when nobody else wrote since; returns the new version, or 0. The stage and pipeline become free with the final state.
 */
export const saveScript = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local version = tonumber(ARGV[1]) + 1
redis.call('HSET', KEYS[1], 'version', version, 'json', ARGV[2])
if ARGV[4] == '1' and redis.call('GET', KEYS[3]) == ARGV[3] then redis.call('DEL', KEYS[3]) end
if ARGV[5] == '1' then redis.call('SREM', KEYS[2], ARGV[3]) end
if ARGV[6] == '0' and redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('DEL', KEYS[4]) end
return version
`;
