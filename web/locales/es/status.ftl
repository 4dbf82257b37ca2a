# What a reporter reads about her message, on the pages, at the desk and on the command line: few words, and coarse.
status_received = Su mensaje llegó.
status_read = Alguien lo leyó.
status_question = Hay una pregunta para usted. No está obligada(o) a responder.
status_team = Está con un equipo especializado. Para proteger a las personas no damos detalles aquí.
status_paused = Por ahora no podemos avanzar con esto. No significa que no le creamos. Puede agregar algo cuando quiera.
status_ended = El trabajo sobre esto terminó. Gracias. Puede preguntarnos aquí qué es público.
status_care = Primero el apoyo. Nada más avanza si usted no lo dice, salvo cuando la ley obliga a proteger a una niña o un niño.
reply_unchecked = (un mensaje que no se pudo comprobar)
