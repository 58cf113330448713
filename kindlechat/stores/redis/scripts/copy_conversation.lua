local seed = redis.call('GET', key('conversation', given.id))
if not seed then return refuse('conversation') end
if redis.call('EXISTS', key('conversation', given.new_id)) == 1 then return answer({}) end
redis.call('SET', key('conversation', given.new_id), seed)
grant(given.new_id, given.rights)
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local reply, copy = read(id, math.huge), given.copies[id]
  if reply and copy and not reply.replaced then
    redis.call('COPY', key('reply', id), key('reply', copy))
    redis.call('COPY', key('text', id), key('text', copy))
    redis.call('HDEL', key('reply', copy), 'owner', 'stop', 'ended_by', 'renewed',
      'tokens_read', 'tokens_written', 'tries', 'first_word_s', 'whole_s')
    redis.call('HSET', key('reply', copy),
      'conversation', given.new_id, 'turn', copy, 'address', '', 'created', now, 'heartbeat', now)
    if is_under_way(reply) then
      reply.id = copy
      put(reply, '', reply.chars, 'interrupted', 'orphan')
    end
    redis.call('RPUSH', key('turns', given.new_id), copy)
    for _, field in ipairs({reply.picture or '', 'preview:' .. (reply.picture or '')}) do
      local jpeg = redis.call('HGET', key('pictures', given.id), field)
      if jpeg then redis.call('HSET', key('pictures', given.new_id), field, jpeg) end
    end
  end
end
keep(given.new_id)
return answer({})
