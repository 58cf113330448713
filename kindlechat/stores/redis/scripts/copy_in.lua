-- Make a conversation of what `copy_out` told of another one, unless it is there already.
if exists(given.id) then return answer({}) end
redis.call('SET', key('conversation', given.id), given.seed)
grant(given.id, given.rights)
for _, copy in ipairs(given.replies) do
  local name = key('reply', copy.id)
  for field, value in pairs(copy.fields) do redis.call('HSET', name, field, value) end
  redis.call('HSET', name,
    'conversation', given.id, 'turn', copy.id, 'address', '', 'created', now, 'heartbeat', now, 'seq', 1)
  redis.call('XADD', key('text', copy.id), copy.fields.chars .. '-1', 'text', copy.text)
  redis.call('RPUSH', key('turns', given.id), copy.id)
  for field, jpeg in pairs(copy.pictures) do redis.call('HSET', key('pictures', given.id), field, jpeg) end
end
keep(given.id)
return answer({})
