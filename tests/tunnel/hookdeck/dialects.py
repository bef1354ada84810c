"""What ``hookdeck listen`` writes when piped: a text for each dialect and kind of account."""

GUEST_0_11 = """\
🚩 Not connected with any account. Creating a guest account...

Dashboard
👤 Console URL: https://console.hookdeck.com/signin/guest?token=g1
Sign up in the Console to make your webhook URL permanent.


Sources
🔌 okta URL: https://events.hookdeck.com/e/src_aaa111

Connections
okta -> cli-okta forwarding to /okta-webhooks-endpoint

"""

ACCOUNT_0_11 = """\

Dashboard
👉 Inspect and replay events: https://dashboard.hookdeck.com/cli/events?team_id=tm_1

Sources
🔌 okta URL: https://events.hookdeck.com/e/src_aaa111

Connections
okta -> cli-okta forwarding to /okta-webhooks-endpoint

"""

ACCOUNT_1_7 = """\

Source "okta" not found.
Non-interactive mode detected. Automatically creating source "okta".
\x1b[2mA source represents where requests originate from.\x1b[0m

There's no CLI destination connected to okta, creating one named cli-okta

Listening on

okta
│  Requests to → https://hkdk.events/src_bbb222
└─ Forwards to → http://localhost:1337/okta-webhooks-endpoint (cli-okta)

💡 Open dashboard to inspect, retry & bookmark events: \
\x1b]8;;https://dashboard.hookdeck.com/events/cli?team_id=tm_1\x1b\\\
https://dashboard.hookdeck.com/events/cli\x1b]8;;\x1b\\

"""

GUEST_2_6 = """\

🚩 You are using the CLI for the first time without a permanent account. Creating a guest account...

Source "okta" not found.

Listening on 1 source • 1 connection

okta
│  Requests to → https://hkdk.events/src_ccc333
└─ Forwards to → http://localhost:1337/okta-webhooks-endpoint (cli-okta)

💡 Sign up to make your webhook URL permanent: https://console.hookdeck.com/signin/guest?token=g2

Getting ready...
Connected. Waiting for events...

"""

ACCOUNT_2_6 = """\

Listening on 1 source • 1 connection

okta
│  Requests to → https://hkdk.events/src_ccc333
└─ Forwards to → http://localhost:1337/okta-webhooks-endpoint (cli-okta)

💡 Open dashboard to inspect, retry & bookmark events: \
https://dashboard.hookdeck.com/events/cli?team_id=tm_1

Getting ready...
Connected. Waiting for events...

"""
