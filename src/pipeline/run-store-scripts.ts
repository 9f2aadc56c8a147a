/** Scripts that Redis runs atomically. Keys: see `run-store.ts`. */

/** The first entry says how the run began, the newest ones how it stands: those in between go first. */
const mostEntries = 500;

/** Appends entries (JSON list) to a run's log, in the same atomic step as the change that they tell of. */
const appendFunction = `
local function append(key, entries)
  for _, entry in ipairs(cjson.decode(entries)) do redis.call('RPUSH', key, entry) end
  if redis.call('LLEN', key) > ${mostEntries} then
    local first = redis.call('LINDEX', key, 0)
    redis.call('LTRIM', key, -${mostEntries - 1}, -1)
    redis.call('LPUSH', key, first)
  end
end
`;

/**
 * KEYS run, runs, open, active, log · ARGV runId, json, requestedAtMs, run key prefix, final states (comma-separated), entries.
 * Returns the id of the active run when there is one, else writes the new run and returns false.
 */
export const createScript = `${appendFunction}
local active = redis.call('GET', KEYS[4])
if active then
  local json = redis.call('HGET', ARGV[4] .. active, 'json')
  if json then
    local isJson, run = pcall(cjson.decode, json)
    if not isJson or type(run) ~= 'table' or not string.find(ARGV[5], ',' .. tostring(run.state) .. ',', 1, true) then return active end
  end
end
redis.call('HSET', KEYS[1], 'version', 1, 'json', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('SET', KEYS[4], ARGV[1])
append(KEYS[5], ARGV[6])
return false
`;

/**
 * KEYS run, open, active, submitting, log · ARGV expected version, json, runId, isFinal, isSettled, isSubmitting, entries.
 * Writes only when nobody else wrote since; returns the new version, or 0. The stage and pipeline become free with the final state.
 */
export const saveScript = `${appendFunction}
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local version = tonumber(ARGV[1]) + 1
redis.call('HSET', KEYS[1], 'version', version, 'json', ARGV[2])
if ARGV[4] == '1' and redis.call('GET', KEYS[3]) == ARGV[3] then redis.call('DEL', KEYS[3]) end
if ARGV[5] == '1' then redis.call('SREM', KEYS[2], ARGV[3]) end
if ARGV[6] == '0' and redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('DEL', KEYS[4]) end
append(KEYS[5], ARGV[7])
return version
`;
