for _, issue in ipairs(given.keys) do
  redis.call('HSET', ISSUES, issue, 1)
  redis.call('UNLINK', key('delivered', issue))
end
return answer({})
