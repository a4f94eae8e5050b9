"""What a claim is and where it stands: pure values and functions, standard library only."""
