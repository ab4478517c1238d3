"""Faces with state, and the site beside them.

/subscribe  /confirm/…  /preferences/…  /my-data/…  /move/…  /unsubscribe/…      GET asks, POST acts

    visitors: who asks, in which language, with which form ─▶ stamps · choices decide ─▶ an action ─▶ faces: a page
                                                                         looks: the newsroom's colours and logo ─▲

/healthz   is the schedule alive      /web.css   the faces' style
/metrics   how the sender does, for this machine only
/…                     the tree of public/:

addresses: which path ─▶ departed: gone? moved? ─▶ files: opened, with its variants ─▶ serving: 200 206 304 416
                                                                                        ▲
                                                negotiation · validators · ranges · file_headers decide in values

preview: the same tree of a folder of its own ─▶ preview_bar on each page      /.preview/…   script, style, states,
                                                                                            editions in frames
"""
