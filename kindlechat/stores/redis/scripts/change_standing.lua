local subscriber = load_subscriber(given.id)
if not (subscriber and given.before[subscriber.standing]) then return answer({done = false}) end
if subscriber.standing ~= given.standing then
  set_standing(given.id, given.standing)
  if given.standing == 'left' then redis.call('HSET', key('subscriber', given.id), 'mailbox', '') end
end
return answer({done = true})
