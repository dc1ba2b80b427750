"""Small applications of real packages, which show the cookies that the packages set."""
