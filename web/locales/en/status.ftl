# What a reporter reads about her message, on the pages, at the desk and on the command line: few words, and coarse.
status_received = Your message arrived.
status_read = Someone has read it.
status_question = There is a question for you. You do not have to answer.
status_team = It is with a specialised team. To protect people we do not give details here.
status_paused = For now we cannot go further with this. It does not mean we do not believe you. You can add something at any time.
status_ended = The work on this has ended. Thank you. You can ask us here what is public.
status_care = Support comes first. Nothing else moves unless you say so, except where the law obliges to protect a child.
reply_unchecked = (a message that could not be checked)
