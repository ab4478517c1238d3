"""Exports with the columns that Mailchimp and listmonk really write, of people that nobody is."""

SIGNED_UP = "2024-01-01 09:00:00"
CONFIRMED = "2024-01-01 09:05:00"

_MEMBER = (
    '"Email Address","First Name","Last Name",Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,'
    "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,"
)
_PLACE = "40.4,-3.7,1,2,Europe/Madrid,ES,MD,"


def _member(name: str, consent: str = f'"{SIGNED_UP}",192.0.2.10,"{CONFIRMED}",192.0.2.11') -> str:
    return f'{name}@paper.example,{name.title()},Ruiz,"Calle Mayor 1, Madrid",4,{consent},{_PLACE}'


MAILCHIMP_SUBSCRIBED = (
    f"{_MEMBER}LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    f'{_member("ana")}"2024-01-02 10:00:00",101,a1b2c3d4e5,,"""VIP"",""Blog"""\n'
    f'{_member("ben", ",,2023-06-25 17:38:27,")}"2023-06-27 12:11:50",102,77fd3c0b26,,\n'  # imported there by somebody
)
MAILCHIMP_UNSUBSCRIBED = (
    f"{_MEMBER}UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\n"
    f'{_member("cho")}"2024-02-03 10:00:00","The week, 5",c0ffee,NORMAL,,103,826c56ea1b,,\n'
)
MAILCHIMP_CLEANED = (
    f"{_MEMBER}CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n"
    f'{_member("dia")}"2024-03-04 10:00:00","The week, 9",deadbe,104,56ea1b826c,,\n'
)
LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    '0c9d,ana@paper.example,Ana,"{""city"": ""Madrid""}",enabled,'
    "2023-05-17 10:22:31.123456 +0200 CEST,2023-05-18 08:00:00 +0200 CEST\n"
    "1c9d,cho@paper.example,Cho,{},disabled,2023-05-17 08:22:31 +0000 UTC,2024-02-03 10:00:00.5 +0000 UTC\n"
    "2c9d,dia@paper.example,Dia,{},blocklisted,0001-01-01 00:00:00 +0000 UTC,2024-03-04 10:00:00 +0000 +0000\n"
)
