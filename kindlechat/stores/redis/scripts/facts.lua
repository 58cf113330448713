-- What is known of a conversation's questions since a time, but for copies and all words.
local FIELDS = {
  'created', 'state', 'reason', 'chars', 'address', 'tokens_read', 'tokens_written', 'tries', 'first_word_s',
  'whole_s',
}

local function fact(id)
  local found, values = {id = id}, redis.call('HMGET', key('reply', id), unpack(FIELDS))
  for i, name in ipairs(FIELDS) do found[name] = values[i] end
  return found
end

local replies = {}
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local found = fact(id)
  if found.created and found.address ~= '' and tonumber(found.created) >= given.since then
    replies[#replies + 1] = found
  end
end
return answer({replies = replies})
