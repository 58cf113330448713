-- What a search reads first of a reader's conversation: its title, its questions and how long the answers are.
if not is_owned_by(given.id, given.owner_hash) then return answer({}) end
local asked = {}
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local reply = redis.call('HMGET', key('reply', id), 'question', 'chars')
  if reply[1] then asked[#asked + 1] = {id, reply[1], tonumber(reply[2] or 0)} end
end
return answer({title = about(given.id).title, asked = asked})
