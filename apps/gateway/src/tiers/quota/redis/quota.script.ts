/**
 * All that is done to the counters of one subject, as one step of Redis and in Redis's own time. It decides as
 * `subject-quota.ts` does, and `shared-quota.spec.ts` holds the two together.
 *
 * KEYS: totals of what is held, lease ends by id, holds by id, and the windows. ARGV: what to do, as JSON. A window is a
 * list of parts `{index, requests, input, output, cost}`.
 */
export const QUOTA_SCRIPT = `
local input = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = input.now or (time[1] * 1000 + math.floor(time[2] / 1000))

local function amount(unit, a)
  if unit == 'requests' or unit == 'concurrency' then return a[1] end
  if unit == 'tokens' then return a[2] + a[3] end
  if unit == 'input_tokens' then return a[2] end
  if unit == 'output_tokens' then return a[3] end
  return a[4]
end

local windows = {}
for n, spec in ipairs(input.windows) do
  local packed = redis.call('GET', KEYS[3 + n])
  local window = { key = KEYS[3 + n], length = spec.length, part = spec.part, parts = {}, total = {0, 0, 0, 0} }
  for _, part in ipairs(packed and cmsgpack.unpack(packed) or {}) do
    if (part[1] + 1) * spec.part + spec.length > now then
      table.insert(window.parts, part)
      for f = 1, 4 do window.total[f] = window.total[f] + part[f + 1] end
    end
  end
  windows[n] = window
end

local function add(window, index, amounts)
  local place = #window.parts
  while place > 0 and window.parts[place][1] > index do place = place - 1 end
  local part = window.parts[place]
  if part == nil or part[1] ~= index then
    part = {index, 0, 0, 0, 0}
    table.insert(window.parts, place + 1, part)
  end
  for f = 1, 4 do
    part[f + 1] = part[f + 1] + amounts[f]
    window.total[f] = window.total[f] + amounts[f]
  end
  local last = window.parts[#window.parts]
  local life = (last[1] + 1) * window.part + window.length - now
  if life > 0 then redis.call('SET', window.key, cmsgpack.pack(window.parts), 'PX', life) end
end

local function record(at, amounts)
  for _, window in ipairs(windows) do
    add(window, math.floor(at / window.part), amounts)
  end
end

local packedTotals = redis.call('GET', KEYS[1])
local totals = packedTotals and cmsgpack.unpack(packedTotals) or {}
local function held(scope) return totals[scope] or {0, 0, 0, 0} end

local function change(scope, hold, sign)
  local total = held(scope)
  for f = 1, 4 do total[f] = total[f] + sign * hold[f] end
  totals[scope] = total[1] > 0 and total or nil
end

local function saveTotals()
  if next(totals) == nil then redis.call('DEL', KEYS[1])
  else redis.call('SET', KEYS[1], cmsgpack.pack(totals), 'PX', 600000) end
end

local function finish(id)
  local packed = redis.call('HGET', KEYS[3], id)
  redis.call('ZREM', KEYS[2], id)
  if not packed then return end
  redis.call('HDEL', KEYS[3], id)
  local hold = cmsgpack.unpack(packed)
  change('', hold.amounts, -1)
  change('m:' .. hold.model, hold.amounts, -1)
  saveTotals()
end

local function begin(id, model, amounts, lease)
  if redis.call('HSETNX', KEYS[3], id, cmsgpack.pack({ model = model, amounts = amounts })) == 1 then
    change('', amounts, 1)
    change('m:' .. model, amounts, 1)
  end
  saveTotals()
  redis.call('ZADD', KEYS[2], now + lease, id)
  redis.call('PEXPIRE', KEYS[2], 600000)
  redis.call('PEXPIRE', KEYS[3], 600000)
end

-- Whose replica died gives back what it held.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do finish(id) end

local function leavesAfter(window) return (math.floor(now / window.part) + 1) * window.part + window.length end
local function fallsTo(window, unit, target)
  local left, at = amount(unit, window.total), now
  for _, part in ipairs(window.parts) do
    if left <= target then break end
    left = left - amount(unit, {part[2], part[3], part[4], part[5]})
    at = (part[1] + 1) * window.part + window.length
  end
  return at
end

local function standing(limit)
  local window = windows[limit.window]
  local used = window and amount(limit.unit, window.total) or 0
  local reserved = limit.unit == 'requests' and 0 or amount(limit.unit, held(limit.scope))
  return window, used, reserved
end

local function states(reply)
  for _, limit in ipairs(input.limits) do
    local window, used, reserved = standing(limit)
    local empty = now
    if window then
      empty = math.min(reserved, limit.limit - used) > 0 and leavesAfter(window) or fallsTo(window, limit.unit, 0)
    end
    table.insert(reply, used)
    table.insert(reply, reserved)
    table.insert(reply, empty - now)
  end
  return reply
end

if input.op == 'describe' then return states({}) end
if input.op == 'restore' then
  for _, part in ipairs(input.parts) do add(windows[1], part[1], {part[2], part[3], part[4], part[5]}) end
  return {}
end
if input.op == 'end' then
  finish(input.id)
  record(input.at or now, input.amounts)
  return {}
end
if input.op == 'renew' then
  begin(input.id, input.model, input.hold, input.lease)
  return {}
end

local refused, longest, room = 0, 0, math.huge
local strict = input.strict
for n, limit in ipairs(input.limits) do
  local window, used, reserved = standing(limit)
  local left = limit.limit - used - reserved
  local wait = 0
  if left < limit.need then
    if limit.need > limit.limit then wait = math.huge
    elseif not window then wait = input.slotWait
    else
      local stay = limit.limit - limit.need - reserved
      wait = (stay < 0 and leavesAfter(window) or fallsTo(window, limit.unit, stay)) - now
    end
  end
  if wait > longest then refused, longest = n, wait end
  if strict then
    if limit.unit == 'tokens' then room = math.min(room, left - strict.input)
    elseif limit.unit == 'output_tokens' then room = math.min(room, left)
    elseif limit.unit == 'cost' and strict.outputMicros > 0 then
      local fits = math.floor((left - strict.input * strict.inputMicros) / strict.outputMicros)
      if math.ceil(strict.input * strict.inputMicros + fits * strict.outputMicros) > left then fits = fits - 1 end
      room = math.min(room, fits)
    end
  end
end
if refused > 0 then return states({ 0, refused, longest == math.huge and -1 or longest }) end
local granted = -1
if strict and room < math.huge then
  granted = strict.choices == 0 and 0 or math.floor(math.min(room, input.output) / strict.choices) * strict.choices
  input.hold[3] = granted
  input.hold[4] = math.ceil(strict.input * strict.inputMicros + granted * strict.outputMicros)
end
record(now, {1, 0, 0, 0})
begin(input.id, input.model, input.hold, input.lease)
return states({ 1, granted, now })
`;
