-- Change the title or the star of a conversation.
if not exists(given.id) then return refuse('conversation') end
for _, name in ipairs({'title', 'starred'}) do
  if given[name] then redis.call('HSET', key('about', given.id), name, given[name]) end
end
redis.call('PEXPIRE', key('about', given.id), redis.call('PTTL', key('conversation', given.id)))
return answer({})
