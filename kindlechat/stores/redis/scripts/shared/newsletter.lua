-- The newsletter.

local MAILBOXES, SUBSCRIBERS, PENDING = PREFIX .. 'mailboxes', PREFIX .. 'subscribers', PREFIX .. 'pending'
local ISSUES = PREFIX .. 'issues'

-- A subscriber as a table of its hash's fields, or nil.
local function load_subscriber(id)
  local fields = redis.call('HGETALL', key('subscriber', id))
  if #fields == 0 then return nil end
  local subscriber = {id = id}
  for i = 1, #fields, 2 do subscriber[fields[i]] = fields[i + 1] end
  return subscriber
end

-- Put a subscriber into the sets that its standing asks for, and into no others.
local function set_standing(id, standing)
  local language = redis.call('HGET', key('subscriber', id), 'language')
  redis.call('HSET', key('subscriber', id), 'standing', standing, 'since', now)
  redis.call('ZREM', PENDING, id)
  redis.call('ZREM', key('subscribers', language), id)
  if standing == 'pending' then redis.call('ZADD', PENDING, now, id) end
  if standing == 'active' then redis.call('ZADD', key('subscribers', language), 0, id) end
end

local function delete_subscriber(id)
  local subscriber = load_subscriber(id)
  set_standing(id, 'left')
  redis.call('ZREM', SUBSCRIBERS, id)
  redis.call('HDEL', MAILBOXES, subscriber.mailbox_hash)
  redis.call('UNLINK', key('subscriber', id))
end
