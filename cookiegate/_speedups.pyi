from cookiegate._native import consent_value as consent_value
from cookiegate._native import is_refused as is_refused
from cookiegate._native import new_table as new_table
from cookiegate._native import scan as scan
from cookiegate._native import sieve as sieve
from cookiegate._native import sieve_text as sieve_text
