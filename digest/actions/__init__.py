"""What people and the clock can ask for, one function each, over ports.

The command line, the web and the schedule call nothing else.

    publish · preview · compose · approve · send · reconcile · subscribe · tell the staff
"""
