-- Keep the picture of the newest question, and drop the oldest one of too many.
local function keep_picture(conversation, name, new)
  local pictures = key('pictures', conversation)
  redis.call('HSET', pictures, name, new.jpeg, 'preview:' .. name, new.preview)
  local kept, count = {}, 0
  local ids = redis.call('LRANGE', key('turns', conversation), 0, -1)
  for i = #ids, 1, -1 do
    local picture = redis.call('HGET', key('reply', ids[i]), 'picture')
    if picture and picture ~= '' and picture ~= new.lost and not kept[picture] then
      if count < new.most then
        kept[picture], count = true, count + 1
      else
        redis.call('HSET', key('reply', ids[i]), 'picture', new.lost)
        redis.call('HDEL', pictures, picture, 'preview:' .. picture)
      end
    end
  end
end

if redis.call('EXISTS', key('reply', given.id)) == 1 then
  return answer({})  -- sent again after its answer was lost
end
if not given.seed and not exists(given.conversation) then return refuse('conversation') end
local replaced = given.replaces and load(given.replaces)
if replaced and replaced.replaced then return refuse('replaced') end

if given.seed then
  redis.call('SET', key('conversation', given.conversation), given.seed)
  grant(given.conversation, given.rights)
end
local versions = replaced and turn_with(turns_of(given.conversation), given.replaces)
if replaced then
  redis.call('HSET', key('reply', given.replaces), 'replaced', 1)
end
redis.call('HSET', key('reply', given.id),
  'conversation', given.conversation, 'turn', versions and versions[1] or given.id, 'question', given.question, 'prompt', given.prompt or '',
  'picture', given.picture or '', 'owner', given.lease,
  'address', given.client_hash, 'created', now, 'heartbeat', now, 'renewed', given.steady,
  'state', 'waiting', 'reason', '', 'chars', 0, 'seq', 0)
redis.call('RPUSH', key('turns', given.conversation), given.id)
if given.new_picture then keep_picture(given.conversation, given.picture, given.new_picture) end
keep(given.conversation)
return answer({})
