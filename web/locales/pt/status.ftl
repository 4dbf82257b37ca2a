# What a reporter reads about her message, on the pages, at the desk and on the command line: few words, and coarse.
status_received = Sua mensagem chegou.
status_read = Alguém leu.
status_question = Há uma pergunta para você. Não precisa responder.
status_team = Está com uma equipe especializada. Para proteger as pessoas não damos detalhes aqui.
status_paused = Por enquanto não podemos avançar. Não significa que não acreditamos em você. Pode acrescentar algo quando quiser.
status_ended = O trabalho sobre isto terminou. Obrigado. Pode perguntar aqui o que é público.
status_care = Primeiro o apoio. Nada mais avança se você não disser, salvo quando a lei obriga a proteger uma criança.
reply_unchecked = (uma mensagem que não pôde ser verificada)
