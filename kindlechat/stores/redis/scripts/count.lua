if given.token and redis.call('EXISTS', key('counted', given.token)) == 1 then
  return answer({})  -- sent again after its answer was lost
end
local refused = spent(given.quotas)
if refused then return answer({spent = refused}) end
if given.token then
  redis.call('SET', key('counted', given.token), '', 'EX', 60)
  count(given.quotas, given.cost)
end
return answer({})
