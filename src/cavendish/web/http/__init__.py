"""What every route needs: the protocol, bodies, parameters, answers, and who asks."""
