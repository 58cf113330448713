-- How long a conversation is kept, and how it goes.

-- Let all that a conversation has expire in so many seconds.
local function expire(conversation, ttl_s)
  for _, kind in ipairs({'conversation', 'rights', 'about', 'turns', 'words', 'pictures'}) do
    redis.call('EXPIRE', key(kind, conversation), ttl_s)
  end
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    redis.call('EXPIRE', key('reply', id), ttl_s)
    redis.call('EXPIRE', key('text', id), ttl_s)
  end
end

-- Let a conversation with all it has live for another TTL_S. Nothing keeps one that was discarded.
local function keep(conversation)
  if exists(conversation) then expire(conversation, TTL_S) end
end

-- Delete a conversation with all it has.
local function delete_conversation(conversation)
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    redis.call('UNLINK', key('reply', id), key('text', id))
  end
  for _, kind in ipairs({'turns', 'conversation', 'discarded', 'rights', 'about', 'words', 'pictures'}) do
    redis.call('UNLINK', key(kind, conversation))
  end
end

-- Whether a conversation was discarded less than so many seconds ago.
local function can_restore(conversation, undo_s)
  local at = redis.call('HGET', key('about', conversation), 'discarded')
  return at and tonumber(at) > now - undo_s
    and redis.call('EXISTS', key('discarded', conversation)) == 1
end

-- Whether a conversation exists or, with `undo_s`, can be restored.
local function is_there(conversation, undo_s)
  if undo_s then return can_restore(conversation, undo_s) end
  return exists(conversation)
end

-- When a conversation was written last, discarded or not.
local function last_written(conversation)
  return tonumber(redis.call('HGET', key('about', conversation), 'written') or written(conversation))
end
