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

-- What is to be done elsewhere for a reply that ended, also when it is told again.
local function end_of(reply)
  local lists = exists(reply.conversation) and standing(reply.conversation, now) or nil
  return {id = reply.id, address = reply.address, standing = lists}
end

local lost, behind, gone, ended = {}, {}, {}, {}
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
      keep(reply.conversation)
      ended[#ended + 1] = end_of(reply)
    end
  elseif is_repeat(reply, write) then
    ended[#ended + 1] = end_of(reply)
  else
    lost[#lost + 1] = write.id
  end
end
return answer({lost = lost, behind = behind, gone = gone, ended = ended})
