-- All answers of so many of the conversations that were written last: the newest ones are among them.
enlist_all()
local answers = {}
for _, conversation in ipairs(last_written(key('owned', given.owner_hash), 0, given.most)) do
  local ids = redis.call('LRANGE', key('turns', conversation.id), 0, -1)
  for i = #ids, 1, -1 do
    local found = redis.call('HMGET', key('reply', ids[i]), 'owner', 'chars', 'replaced', 'heartbeat')
    if not found[1] and not found[3] and tonumber(found[2] or 0) > 0 then
      answers[#answers + 1] = {ids[i], tonumber(found[4] or 0)}
    end
  end
end
return cjson.encode({answers = #answers > 0 and answers or cjson.decode('[]')})
