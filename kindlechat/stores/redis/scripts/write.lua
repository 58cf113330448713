-- One character of UTF-8: its first byte and what continues it.
local CHARACTER = '[^\128-\191][\128-\191]*'

-- An end that is written again after its answer was lost.
local function is_repeat(reply, write)
  return reply.ended_by == write.lease and reply.state == write.state and write.chars <= reply.chars
end

local function add_numbers(id, numbers)
  for _, name in ipairs({'tokens_read', 'tokens_written', 'tries'}) do
    redis.call('HINCRBY', key('reply', id), name, numbers[name])
  end
  redis.call('HINCRBYFLOAT', key('reply', id), 'whole_s', numbers.whole_s)
  if numbers.first_word_s then
    redis.call('HSETNX', key('reply', id), 'first_word_s', numbers.first_word_s)
  end
end

local lost, behind, gone = {}, {}, {}
for _, write in ipairs(given.writes) do
  local reply = load(write.id)
  if not reply then
    gone[#gone + 1] = write.id
  elseif reply.owner == write.lease and write.start > reply.chars then
    behind[write.id] = reply.chars
  elseif reply.owner == write.lease then
    local text = write.text
    if write.start < reply.chars then
      text = text:gsub(CHARACTER, '', reply.chars - write.start)
    end
    renew(write.id)
    if write.ended then redis.call('HSET', key('reply', write.id), 'follow_ups', write.follow_ups) end
    put(reply, text, math.max(reply.chars, write.chars), write.state, write.reason)
    if type(write.numbers) == 'table' then add_numbers(write.id, write.numbers) end
    if write.ended then
      redis.call('HDEL', key('reply', write.id), 'owner')
      redis.call('HSET', key('reply', write.id), 'ended_by', write.lease)
      redis.call('SREM', key('asking', reply.address), write.id)
      keep(reply.conversation)
    end
  elseif not is_repeat(reply, write) then
    lost[#lost + 1] = write.id
  end
end
return answer({lost = lost, behind = behind, gone = gone})
