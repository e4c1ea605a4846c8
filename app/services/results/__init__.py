"""What pages, pictures and files say of a round: from frozen publications, and from nothing else."""
