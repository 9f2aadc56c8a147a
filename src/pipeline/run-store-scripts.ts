/** Scripts that Redis runs atomically. Keys: see `run-store.ts`. */
import { serverIdFunction } from './continuity.js';

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
export const createScript = `${appendFunction}${serverIdFunction}
local active = redis.call('GET', KEYS[4])
if active then
  local json = redis.call('HGET', ARGV[4] .. active, 'json')
  if json then
    local isJson, run = pcall(cjson.decode, json)
    if not isJson or type(run) ~= 'table' or not string.find(ARGV[5], ',' .. tostring(run.state) .. ',', 1, true) then return active end
  end
end
redis.call('HSET', KEYS[1], 'version', 1, 'json', ARGV[2], 'server', server_id())
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('SET', KEYS[4], ARGV[1])
append(KEYS[5], ARGV[6])
return false
`;

/**
 * KEYS run, open, active, submitting, log, marker, ended · ARGV expected version, json, runId, isFinal, isSettled, isSubmitting,
 * entries, isTry. Writes only when nobody else wrote since; returns the new version, or 0. The stage and pipeline become free with the
 * final state. The last write before a create request (isTry) is refused with -1 in a Redis that was not reconciled with Spark since it
 * lost or may have lost something, and for a run that is not the active one.
 */
export const saveScript = `${appendFunction}${serverIdFunction}
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local id = server_id()
if ARGV[8] == '1' then
  local active = redis.call('GET', KEYS[3])
  if redis.call('GET', KEYS[6]) ~= id or (active and active ~= ARGV[3]) then return -1 end
  redis.call('SET', KEYS[3], ARGV[3])
end
local version = tonumber(ARGV[1]) + 1
redis.call('HSET', KEYS[1], 'version', version, 'json', ARGV[2], 'server', id)
if ARGV[4] == '1' and redis.call('GET', KEYS[3]) == ARGV[3] then
  redis.call('DEL', KEYS[3])
  redis.call('SET', KEYS[7], ARGV[3])
end
if ARGV[5] == '1' then redis.call('SREM', KEYS[2], ARGV[3]) end
if ARGV[6] == '0' and redis.call('GET', KEYS[4]) == ARGV[3] then redis.call('DEL', KEYS[4]) end
append(KEYS[5], ARGV[7])
return version
`;

/**
 * KEYS run, runs, open, active, log · ARGV runId, json, requestedAtMs, entries, isActive. Writes a run that was found alive and has no
 * record; returns 1, or 0 when there is one.
 */
export const importScript = `${appendFunction}${serverIdFunction}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', 1, 'json', ARGV[2], 'server', server_id())
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
if ARGV[5] == '1' then redis.call('SET', KEYS[4], ARGV[1]) end
append(KEYS[5], ARGV[4])
return 1
`;

/**
 * KEYS submitting · ARGV runId, run key prefix. Returns 1 when the run may submit, 0 while another one is about to. A holder that is not
 * submitting any more, or has no record, is replaced.
 */
export const submitScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  local json = redis.call('HGET', ARGV[2] .. holder, 'json')
  local isJson, run = pcall(cjson.decode, json or '')
  if isJson and type(run) == 'table' and run.state == 'submitting' then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`;
