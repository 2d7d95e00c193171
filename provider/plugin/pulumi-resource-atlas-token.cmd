@echo off
where node >nul 2>nul || (
  echo pulumi-resource-atlas-token needs Node.js 20.18.1 or later: install it ^(https://nodejs.org^) and put it on the PATH 1>&2
  exit /b 1
)
node "%~dp0start.js" %*
