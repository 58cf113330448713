local id = redis.call('HGET', MAILBOXES, given.mailbox_hash) or given.id
local known = load_subscriber(id)
if not (known and known.standing == 'active') then
  redis.call('HSET', MAILBOXES, given.mailbox_hash, id)
  redis.call('ZADD', SUBSCRIBERS, 0, id)
  redis.call('HSET', key('subscriber', id), 'mailbox', given.mailbox, 'mailbox_hash', given.mailbox_hash,
    'language', given.language)
  set_standing(id, 'pending')
end
return answer({subscriber = load_subscriber(id)})
